//! Functions that cases call.

use super::value::Matrix;

/// Elements that a call would make, for the limits.
pub(super) fn result_size(name: &str, arguments: &[Matrix]) -> usize {
    let extent = |m: &Matrix| m.as_scalar().map_or(0, |x| x.clamp(0.0, 1e12) as usize);
    match (name, arguments) {
        ("zeros" | "ones", [n]) => extent(n).saturating_mul(extent(n)),
        ("zeros" | "ones", [n, m]) => extent(n).saturating_mul(extent(m)),
        _ => arguments.iter().map(|a| a.data.len()).sum(),
    }
}

/// The value of a call; `None` when the function is not known with these arguments.
pub(super) fn call(name: &str, arguments: &[Matrix]) -> Option<Matrix> {
    match arguments {
        [] => super::constants::value(name).map(Matrix::scalar),
        [a] => of_one(name, a),
        [a, b] => of_two(name, a, b),
        _ => None,
    }
}

fn each(a: &Matrix, f: impl Fn(f64) -> f64) -> Matrix {
    Matrix::new(a.rows, a.cols, a.data.iter().map(|x| f(*x)).collect())
}

fn test(a: &Matrix, f: impl Fn(f64) -> bool) -> Matrix {
    let mut m = each(a, |x| f64::from(u8::from(f(x))));
    m.logical = true;
    m
}

/// Folds a vector to one number, or a matrix to one number per column.
fn fold(a: &Matrix, start: f64, f: impl Fn(f64, f64) -> f64) -> Matrix {
    if a.rows == 1 {
        return Matrix::scalar(a.data.iter().fold(start, |s, x| f(s, *x)));
    }
    let column = |c| (0..a.rows).fold(start, |s, r| f(s, a.at(r, c)));
    Matrix::new(1, a.cols, (0..a.cols).map(column).collect())
}

fn of_one(name: &str, a: &Matrix) -> Option<Matrix> {
    Some(match name {
        "sin" => each(a, f64::sin),
        "cos" => each(a, f64::cos),
        "tan" => each(a, f64::tan),
        "asin" => each(a, f64::asin),
        "acos" => each(a, f64::acos),
        "atan" => each(a, f64::atan),
        "sqrt" => each(a, f64::sqrt),
        "exp" => each(a, f64::exp),
        "log" => each(a, f64::ln),
        "log10" => each(a, f64::log10),
        "abs" => each(a, f64::abs),
        "floor" => each(a, f64::floor),
        "ceil" => each(a, f64::ceil),
        "round" => each(a, f64::round),
        "fix" => each(a, f64::trunc),
        "deg2rad" => each(a, f64::to_radians),
        "rad2deg" => each(a, f64::to_degrees),
        "isinf" => test(a, f64::is_infinite),
        "isnan" => test(a, f64::is_nan),
        "isfinite" => test(a, f64::is_finite),
        "isempty" => test(&Matrix::scalar(f64::from(u8::from(a.data.is_empty()))), |x| x != 0.0),
        "size" => Matrix::new(1, 2, vec![a.rows as f64, a.cols as f64]),
        "length" if a.data.is_empty() => Matrix::scalar(0.0),
        "length" => Matrix::scalar(a.rows.max(a.cols) as f64),
        "numel" => Matrix::scalar(a.data.len() as f64),
        "sum" => fold(a, 0.0, |s, x| s + x),
        "any" => test(&fold(a, 0.0, |s, x| s + f64::from(u8::from(x != 0.0))), |x| x != 0.0),
        "all" => test(&fold(a, 0.0, |s, x| s + f64::from(u8::from(x == 0.0))), |x| x == 0.0),
        "max" if !a.data.is_empty() => fold(a, f64::NAN, f64::max),
        "min" if !a.data.is_empty() => fold(a, f64::NAN, f64::min),
        "find" => {
            let t = a.transposed();
            let hits: Vec<f64> =
                (0..t.data.len()).filter(|i| t.data[*i] != 0.0).map(|i| (i + 1) as f64).collect();
            let n = hits.len();
            if a.rows == 1 { Matrix::new(1, n, hits) } else { Matrix::new(n, 1, hits) }
        }
        "zeros" | "ones" => {
            let n = extent(a)?;
            filled(n, n, name)
        }
        _ => return None,
    })
}

fn extent(a: &Matrix) -> Option<usize> {
    let n = a.as_scalar().filter(|x| x.fract() == 0.0 && (0.0..=4e6).contains(x))?;
    Some(n as usize)
}

/// `zeros` or `ones`; without any element it is 0 × 0, so that no empty extent is long.
fn filled(rows: usize, cols: usize, name: &str) -> Matrix {
    if rows == 0 || cols == 0 {
        return Matrix::default();
    }
    Matrix::new(rows, cols, vec![f64::from(u8::from(name == "ones")); rows * cols])
}

fn of_two(name: &str, a: &Matrix, b: &Matrix) -> Option<Matrix> {
    Some(match name {
        "size" => match b.as_scalar() {
            Some(1.0) => Matrix::scalar(a.rows as f64),
            Some(2.0) => Matrix::scalar(a.cols as f64),
            _ => return None,
        },
        "zeros" | "ones" => {
            let (rows, cols) = (extent(a)?, extent(b)?);
            filled(rows, cols, name)
        }
        "max" | "min" => {
            let f = if name == "max" { f64::max } else { f64::min };
            match (a.as_scalar(), b.as_scalar()) {
                (_, Some(y)) => each(a, |x| f(x, y)),
                (Some(x), None) => each(b, |y| f(x, y)),
                (None, None) => return None,
            }
        }
        "mod" => {
            let y = b.as_scalar()?;
            each(a, |x| if y == 0.0 { x } else { x - (x / y).floor() * y })
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(data: &[f64]) -> Matrix {
        Matrix::new(1, data.len(), data.to_vec())
    }

    #[test]
    fn functions_give_matlabs_values() {
        let m = Matrix::new(2, 2, vec![1.0, -2.0, 3.0, 0.0]);
        assert_eq!(call("sum", std::slice::from_ref(&m)), Some(row(&[4.0, -2.0])));
        assert_eq!(call("max", std::slice::from_ref(&m)), Some(row(&[3.0, 0.0])));
        assert_eq!(call("find", std::slice::from_ref(&m)).map(|f| f.data), Some(vec![1., 2., 3.]));
        assert_eq!(call("size", &[m, Matrix::scalar(2.0)]), Some(Matrix::scalar(2.0)));
        assert_eq!(call("mod", &[row(&[-1.0, 7.0]), Matrix::scalar(3.0)]), Some(row(&[2.0, 1.0])));
        assert_eq!(call("acos", &[Matrix::scalar(1.0)]), Some(Matrix::scalar(0.0)));
        assert_eq!(call("nothing", &[Matrix::scalar(1.0)]), None);
    }

    #[test]
    fn empty_matrices_are_small() {
        let m = call("zeros", &[Matrix::scalar(0.0), Matrix::scalar(4e6)]).unwrap();
        assert_eq!((m.rows, m.cols), (0, 0));
    }
}
